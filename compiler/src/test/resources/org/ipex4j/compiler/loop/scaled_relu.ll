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
  %a19 = alloca i64
  %a20 = alloca i64
  %a21 = alloca i64
  %a26 = alloca i64
  %a35 = alloca i64
  %buffers = load ptr, ptr %ctx
  %pp = getelementptr ptr, ptr %ctx, i64 1
  %params = load ptr, ptr %pp
  %v1 = load i64, ptr %params, !invariant.load !0
  %v2 = getelementptr i64, ptr %params, i64 1
  %v3 = load i64, ptr %v2, !invariant.load !0
  %v4 = getelementptr i64, ptr %params, i64 2
  %v5 = load i64, ptr %v4, !invariant.load !0
  %v6 = getelementptr i64, ptr %params, i64 3
  %v7 = load i64, ptr %v6, !invariant.load !0
  %v8 = sub i64 %v5, 1
  %v9 = add i64 %v7, %v8
  %v10 = udiv i64 %v9, %v5
  %v11 = mul i64 %v1, %v3
  %v12 = mul i64 %v11, %v10
  %v13 = mul i64 %v12, %thread
  %v14 = udiv i64 %v13, %threads
  %v15 = add i64 %thread, 1
  %v16 = mul i64 %v12, %v15
  %v17 = udiv i64 %v16, %threads
  %v18 = icmp ult i64 %v14, %v17
  %v38 = load ptr, ptr %buffers, !invariant.load !0
  %v39 = getelementptr i64, ptr %params, i64 4
  %v40 = load i64, ptr %v39, !invariant.load !0
  %v43 = getelementptr i64, ptr %params, i64 5
  %v44 = load i64, ptr %v43, !invariant.load !0
  %v49 = getelementptr ptr, ptr %buffers, i64 1
  %v50 = load ptr, ptr %v49, !invariant.load !0
  %v84 = getelementptr ptr, ptr %buffers, i64 2
  %v85 = load ptr, ptr %v84, !invariant.load !0
  %v86 = getelementptr i64, ptr %params, i64 6
  %v87 = load i64, ptr %v86, !invariant.load !0
  %v90 = getelementptr i64, ptr %params, i64 7
  %v91 = load i64, ptr %v90, !invariant.load !0
  br i1 %v18, label %work, label %done
work:
  store i64 0, ptr %a0
  %v22 = urem i64 %v14, %v10
  %v23 = udiv i64 %v14, %v10
  store i64 %v22, ptr %a21
  %v24 = urem i64 %v23, %v3
  %v25 = udiv i64 %v23, %v3
  store i64 %v24, ptr %a20
  store i64 %v25, ptr %a19
  store i64 %v14, ptr %a26
  br label %l0
l0:
  %v136 = load i64, ptr %a26
  %v137 = icmp slt i64 %v136, %v17
  br i1 %v137, label %l0.body, label %l0.end
l0.body:
  %v27 = load i64, ptr %a26
  %v28 = load i64, ptr %a19
  %v29 = load i64, ptr %a20
  %v30 = load i64, ptr %a21
  %v31 = mul i64 %v30, %v5
  %v32 = add i64 %v31, %v5
  %v33 = icmp slt i64 %v32, %v7
  %v34 = select i1 %v33, i64 %v32, i64 %v7
  %v36 = sub i64 %v34, 63
  %v41 = mul i64 %v28, %v40
  %v42 = getelementptr float, ptr %v38, i64 %v41
  %v45 = mul i64 %v29, %v44
  %v46 = getelementptr float, ptr %v42, i64 %v45
  %v51 = getelementptr float, ptr %v50, i64 %v29
  %v52 = load float, ptr %v51, align 4
  %v53 = insertelement <16 x float> poison, float %v52, i64 0
  %v54 = shufflevector <16 x float> %v53, <16 x float> poison, <16 x i32> zeroinitializer
  %v88 = mul i64 %v28, %v87
  %v89 = getelementptr float, ptr %v85, i64 %v88
  %v92 = mul i64 %v29, %v91
  %v93 = getelementptr float, ptr %v89, i64 %v92
  store i64 %v31, ptr %a35
  br label %l1
l1:
  %v102 = load i64, ptr %a35
  %v103 = icmp slt i64 %v102, %v36
  br i1 %v103, label %l1.body, label %l1.end
l1.body:
  %v37 = load i64, ptr %a35
  %v47 = getelementptr float, ptr %v46, i64 %v37
  %v48 = load <16 x float>, ptr %v47, align 4
  %v55 = fmul contract <16 x float> %v48, %v54
  %v56 = fcmp ogt <16 x float> %v55, splat (float 0x0000000000000000)
  %v57 = select <16 x i1> %v56, <16 x float> %v55, <16 x float> splat (float 0x0000000000000000)
  %v58 = fcmp uno <16 x float> %v55, %v55
  %v59 = select <16 x i1> %v58, <16 x float> %v55, <16 x float> %v57
  %v60 = add i64 %v37, 16
  %v61 = getelementptr float, ptr %v46, i64 %v60
  %v62 = load <16 x float>, ptr %v61, align 4
  %v63 = fmul contract <16 x float> %v62, %v54
  %v64 = fcmp ogt <16 x float> %v63, splat (float 0x0000000000000000)
  %v65 = select <16 x i1> %v64, <16 x float> %v63, <16 x float> splat (float 0x0000000000000000)
  %v66 = fcmp uno <16 x float> %v63, %v63
  %v67 = select <16 x i1> %v66, <16 x float> %v63, <16 x float> %v65
  %v68 = add i64 %v37, 32
  %v69 = getelementptr float, ptr %v46, i64 %v68
  %v70 = load <16 x float>, ptr %v69, align 4
  %v71 = fmul contract <16 x float> %v70, %v54
  %v72 = fcmp ogt <16 x float> %v71, splat (float 0x0000000000000000)
  %v73 = select <16 x i1> %v72, <16 x float> %v71, <16 x float> splat (float 0x0000000000000000)
  %v74 = fcmp uno <16 x float> %v71, %v71
  %v75 = select <16 x i1> %v74, <16 x float> %v71, <16 x float> %v73
  %v76 = add i64 %v37, 48
  %v77 = getelementptr float, ptr %v46, i64 %v76
  %v78 = load <16 x float>, ptr %v77, align 4
  %v79 = fmul contract <16 x float> %v78, %v54
  %v80 = fcmp ogt <16 x float> %v79, splat (float 0x0000000000000000)
  %v81 = select <16 x i1> %v80, <16 x float> %v79, <16 x float> splat (float 0x0000000000000000)
  %v82 = fcmp uno <16 x float> %v79, %v79
  %v83 = select <16 x i1> %v82, <16 x float> %v79, <16 x float> %v81
  %v94 = getelementptr float, ptr %v93, i64 %v37
  store <16 x float> %v59, ptr %v94, align 4
  %v95 = add i64 %v37, 16
  %v96 = getelementptr float, ptr %v93, i64 %v95
  store <16 x float> %v67, ptr %v96, align 4
  %v97 = add i64 %v37, 32
  %v98 = getelementptr float, ptr %v93, i64 %v97
  store <16 x float> %v75, ptr %v98, align 4
  %v99 = add i64 %v37, 48
  %v100 = getelementptr float, ptr %v93, i64 %v99
  store <16 x float> %v83, ptr %v100, align 4
  %v101 = add i64 %v37, 64
  store i64 %v101, ptr %a35
  br label %l1
l1.end:
  br label %l2
l2:
  %v119 = load i64, ptr %a35
  %v120 = icmp slt i64 %v119, %v34
  br i1 %v120, label %l2.body, label %l2.end
l2.body:
  %v104 = load i64, ptr %a35
  %v105 = sub i64 %v34, %v104
  %v106 = trunc i64 %v105 to i32
  %v107 = insertelement <16 x i32> poison, i32 %v106, i64 0
  %v108 = shufflevector <16 x i32> %v107, <16 x i32> poison, <16 x i32> zeroinitializer
  %v109 = icmp ult <16 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7, i32 8, i32 9, i32 10, i32 11, i32 12, i32 13, i32 14, i32 15>, %v108
  %v110 = getelementptr float, ptr %v46, i64 %v104
  %v111 = call <16 x float> @llvm.masked.load.v16f32.p0(ptr %v110, i32 4, <16 x i1> %v109, <16 x float> zeroinitializer)
  %v112 = fmul contract <16 x float> %v111, %v54
  %v113 = fcmp ogt <16 x float> %v112, splat (float 0x0000000000000000)
  %v114 = select <16 x i1> %v113, <16 x float> %v112, <16 x float> splat (float 0x0000000000000000)
  %v115 = fcmp uno <16 x float> %v112, %v112
  %v116 = select <16 x i1> %v115, <16 x float> %v112, <16 x float> %v114
  %v117 = getelementptr float, ptr %v93, i64 %v104
  call void @llvm.masked.store.v16f32.p0(<16 x float> %v116, ptr %v117, i32 4, <16 x i1> %v109)
  %v118 = add i64 %v104, 16
  store i64 %v118, ptr %a35
  br label %l2
l2.end:
  %v121 = load i64, ptr %a21
  %v122 = add i64 %v121, 1
  %v123 = icmp eq i64 %v122, %v10
  %v124 = select i1 %v123, i64 0, i64 %v122
  store i64 %v124, ptr %a21
  %v125 = zext i1 %v123 to i64
  %v126 = load i64, ptr %a20
  %v127 = add i64 %v126, %v125
  %v128 = icmp eq i64 %v127, %v3
  %v129 = select i1 %v128, i64 0, i64 %v127
  store i64 %v129, ptr %a20
  %v130 = zext i1 %v128 to i64
  %v131 = load i64, ptr %a19
  %v132 = add i64 %v131, %v130
  %v133 = icmp eq i64 %v132, %v1
  %v134 = select i1 %v133, i64 0, i64 %v132
  store i64 %v134, ptr %a19
  %v135 = add i64 %v27, 1
  store i64 %v135, ptr %a26
  br label %l0
l0.end:
  br label %done
done:
  ret void
}

declare <16 x float> @llvm.masked.load.v16f32.p0(ptr, i32, <16 x i1>, <16 x float>)
declare i32 @omp_get_num_threads()
declare i32 @omp_get_thread_num()
declare void @GOMP_parallel(ptr, ptr, i32, i32)
declare void @llvm.masked.store.v16f32.p0(<16 x float>, ptr, i32, <16 x i1>)

attributes #0 = { nounwind "prefer-vector-width"="512" "min-legal-vector-width"="512" }
!0 = !{}
