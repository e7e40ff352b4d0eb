@ipex.zero = internal constant i64 0, align 8

define i64 @KERNEL(ptr %buffers, ptr %params, i64 %threads) #0 {
entry:
  %ctx = alloca { ptr, ptr, i64 }, align 8
  store ptr %buffers, ptr %ctx
  %pp = getelementptr ptr, ptr %ctx, i64 1
  store ptr %params, ptr %pp
  %sp = getelementptr i64, ptr %ctx, i64 2
  store i64 0, ptr %sp
  %many = icmp ugt i64 %threads, 1
  br i1 %many, label %parallel, label %serial
parallel:
  %n = trunc i64 %threads to i32
  call void @GOMP_parallel(ptr @region, ptr %ctx, i32 %n, i32 0)
  br label %done
serial:
  call void @share(ptr %ctx, i64 0, i64 1)
  br label %done
done:
  %status = load atomic i64, ptr %sp monotonic, align 8
  ret i64 %status
}

define internal void @region(ptr %ctx) #0 {
  %t = call i32 @omp_get_thread_num()
  %n = call i32 @omp_get_num_threads()
  %thread = zext i32 %t to i64
  %threads = zext i32 %n to i64
  call void @share(ptr %ctx, i64 %thread, i64 %threads)
  ret void
}

define internal void @share(ptr %ctx, i64 %thread, i64 %threads) noinline #0 {
  call void @nest0(ptr %ctx, i64 %thread, i64 %threads)
  ret void
}

define internal void @nest0(ptr %ctx, i64 %thread, i64 %threads) #0 {
entry:
  %a0 = alloca i64
  %a8 = alloca i64
  %a9 = alloca i64
  %a12 = alloca <16 x float>
  %a13 = alloca <16 x float>
  %a14 = alloca <16 x float>
  %a15 = alloca <16 x float>
  %a18 = alloca i64
  %buffers = load ptr, ptr %ctx
  %pp = getelementptr ptr, ptr %ctx, i64 1
  %params = load ptr, ptr %pp
  %v1 = load i64, ptr %params, !invariant.load !0
  %v2 = mul i64 %v1, %thread
  %v3 = udiv i64 %v2, %threads
  %v4 = add i64 %thread, 1
  %v5 = mul i64 %v1, %v4
  %v6 = udiv i64 %v5, %threads
  %v7 = icmp ult i64 %v3, %v6
  %v16 = getelementptr i64, ptr %params, i64 1
  %v17 = load i64, ptr %v16, !invariant.load !0
  %v21 = load ptr, ptr %buffers, !invariant.load !0
  %v22 = getelementptr i64, ptr %params, i64 2
  %v23 = load i64, ptr %v22, !invariant.load !0
  %v89 = getelementptr ptr, ptr %buffers, i64 1
  %v90 = load ptr, ptr %v89, !invariant.load !0
  br i1 %v7, label %work, label %done
work:
  store i64 0, ptr %a0
  store i64 %v3, ptr %a8
  store i64 %v3, ptr %a9
  br label %l0
l0:
  %v97 = load i64, ptr %a9
  %v98 = icmp slt i64 %v97, %v6
  br i1 %v98, label %l0.body, label %l0.end
l0.body:
  %v10 = load i64, ptr %a9
  %v11 = load i64, ptr %a8
  store <16 x float> splat (float 0x0000000000000000), ptr %a12
  store <16 x float> splat (float 0x0000000000000000), ptr %a13
  store <16 x float> splat (float 0x0000000000000000), ptr %a14
  store <16 x float> splat (float 0x0000000000000000), ptr %a15
  %v19 = sub i64 %v17, 63
  %v24 = mul i64 %v11, %v23
  %v25 = getelementptr bfloat, ptr %v21, i64 %v24
  store i64 0, ptr %a18
  br label %l1
l1:
  %v50 = load i64, ptr %a18
  %v51 = icmp slt i64 %v50, %v19
  br i1 %v51, label %l1.body, label %l1.end
l1.body:
  %v20 = load i64, ptr %a18
  %v26 = getelementptr bfloat, ptr %v25, i64 %v20
  %v27 = load <16 x bfloat>, ptr %v26, align 2
  %v28 = fpext <16 x bfloat> %v27 to <16 x float>
  %v29 = load <16 x float>, ptr %a12
  %v30 = fadd contract <16 x float> %v29, %v28
  store <16 x float> %v30, ptr %a12
  %v31 = add i64 %v20, 16
  %v32 = getelementptr bfloat, ptr %v25, i64 %v31
  %v33 = load <16 x bfloat>, ptr %v32, align 2
  %v34 = fpext <16 x bfloat> %v33 to <16 x float>
  %v35 = load <16 x float>, ptr %a13
  %v36 = fadd contract <16 x float> %v35, %v34
  store <16 x float> %v36, ptr %a13
  %v37 = add i64 %v20, 32
  %v38 = getelementptr bfloat, ptr %v25, i64 %v37
  %v39 = load <16 x bfloat>, ptr %v38, align 2
  %v40 = fpext <16 x bfloat> %v39 to <16 x float>
  %v41 = load <16 x float>, ptr %a14
  %v42 = fadd contract <16 x float> %v41, %v40
  store <16 x float> %v42, ptr %a14
  %v43 = add i64 %v20, 48
  %v44 = getelementptr bfloat, ptr %v25, i64 %v43
  %v45 = load <16 x bfloat>, ptr %v44, align 2
  %v46 = fpext <16 x bfloat> %v45 to <16 x float>
  %v47 = load <16 x float>, ptr %a15
  %v48 = fadd contract <16 x float> %v47, %v46
  store <16 x float> %v48, ptr %a15
  %v49 = add i64 %v20, 64
  store i64 %v49, ptr %a18
  br label %l1
l1.end:
  br label %l2
l2:
  %v65 = load i64, ptr %a18
  %v66 = icmp slt i64 %v65, %v17
  br i1 %v66, label %l2.body, label %l2.end
l2.body:
  %v52 = load i64, ptr %a18
  %v53 = sub i64 %v17, %v52
  %v54 = trunc i64 %v53 to i32
  %v55 = insertelement <16 x i32> poison, i32 %v54, i64 0
  %v56 = shufflevector <16 x i32> %v55, <16 x i32> poison, <16 x i32> zeroinitializer
  %v57 = icmp ult <16 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7, i32 8, i32 9, i32 10, i32 11, i32 12, i32 13, i32 14, i32 15>, %v56
  %v58 = getelementptr bfloat, ptr %v25, i64 %v52
  %v59 = call <16 x bfloat> @llvm.masked.load.v16bf16.p0(ptr %v58, i32 2, <16 x i1> %v57, <16 x bfloat> zeroinitializer)
  %v60 = fpext <16 x bfloat> %v59 to <16 x float>
  %v61 = select <16 x i1> %v57, <16 x float> %v60, <16 x float> splat (float 0x0000000000000000)
  %v62 = load <16 x float>, ptr %a12
  %v63 = fadd contract <16 x float> %v62, %v61
  store <16 x float> %v63, ptr %a12
  %v64 = add i64 %v52, 16
  store i64 %v64, ptr %a18
  br label %l2
l2.end:
  %v67 = load <16 x float>, ptr %a12
  %v68 = load <16 x float>, ptr %a13
  %v69 = load <16 x float>, ptr %a14
  %v70 = load <16 x float>, ptr %a15
  %v71 = fadd contract <16 x float> %v67, %v68
  %v72 = fadd contract <16 x float> %v69, %v70
  %v73 = fadd contract <16 x float> %v71, %v72
  %v74 = shufflevector <16 x float> %v73, <16 x float> poison, <8 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7>
  %v75 = shufflevector <16 x float> %v73, <16 x float> poison, <8 x i32> <i32 8, i32 9, i32 10, i32 11, i32 12, i32 13, i32 14, i32 15>
  %v76 = fadd contract <8 x float> %v74, %v75
  %v77 = shufflevector <8 x float> %v76, <8 x float> poison, <4 x i32> <i32 0, i32 1, i32 2, i32 3>
  %v78 = shufflevector <8 x float> %v76, <8 x float> poison, <4 x i32> <i32 4, i32 5, i32 6, i32 7>
  %v79 = fadd contract <4 x float> %v77, %v78
  %v80 = shufflevector <4 x float> %v79, <4 x float> poison, <2 x i32> <i32 0, i32 1>
  %v81 = shufflevector <4 x float> %v79, <4 x float> poison, <2 x i32> <i32 2, i32 3>
  %v82 = fadd contract <2 x float> %v80, %v81
  %v83 = shufflevector <2 x float> %v82, <2 x float> poison, <1 x i32> <i32 0>
  %v84 = shufflevector <2 x float> %v82, <2 x float> poison, <1 x i32> <i32 1>
  %v85 = extractelement <1 x float> %v83, i64 0
  %v86 = extractelement <1 x float> %v84, i64 0
  %v87 = fadd contract float %v85, %v86
  %v88 = fptrunc float %v87 to bfloat
  %v91 = getelementptr bfloat, ptr %v90, i64 %v11
  store bfloat %v88, ptr %v91, align 2
  %v92 = load i64, ptr %a8
  %v93 = add i64 %v92, 1
  %v94 = icmp eq i64 %v93, %v1
  %v95 = select i1 %v94, i64 0, i64 %v93
  store i64 %v95, ptr %a8
  %v96 = add i64 %v10, 1
  store i64 %v96, ptr %a9
  br label %l0
l0.end:
  br label %done
done:
  ret void
}

declare <16 x bfloat> @llvm.masked.load.v16bf16.p0(ptr, i32, <16 x i1>, <16 x bfloat>)
declare i32 @omp_get_num_threads()
declare i32 @omp_get_thread_num()
declare void @GOMP_parallel(ptr, ptr, i32, i32)

attributes #0 = { nounwind "prefer-vector-width"="512" "min-legal-vector-width"="512" }
!0 = !{}
