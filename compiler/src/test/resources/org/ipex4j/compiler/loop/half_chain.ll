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
  %a16 = alloca i64
  %a17 = alloca i64
  %a20 = alloca i64
  %a28 = alloca i64
  %buffers = load ptr, ptr %ctx
  %pp = getelementptr ptr, ptr %ctx, i64 1
  %params = load ptr, ptr %pp
  %v1 = load i64, ptr %params, !invariant.load !0
  %v2 = getelementptr i64, ptr %params, i64 1
  %v3 = load i64, ptr %v2, !invariant.load !0
  %v4 = getelementptr i64, ptr %params, i64 2
  %v5 = load i64, ptr %v4, !invariant.load !0
  %v6 = sub i64 %v3, 1
  %v7 = add i64 %v5, %v6
  %v8 = udiv i64 %v7, %v3
  %v9 = mul i64 %v1, %v8
  %v10 = mul i64 %v9, %thread
  %v11 = udiv i64 %v10, %threads
  %v12 = add i64 %thread, 1
  %v13 = mul i64 %v9, %v12
  %v14 = udiv i64 %v13, %threads
  %v15 = icmp ult i64 %v11, %v14
  %v31 = load ptr, ptr %buffers, !invariant.load !0
  %v32 = getelementptr i64, ptr %params, i64 3
  %v33 = load i64, ptr %v32, !invariant.load !0
  %v45 = getelementptr ptr, ptr %buffers, i64 1
  %v46 = load ptr, ptr %v45, !invariant.load !0
  %v93 = getelementptr ptr, ptr %buffers, i64 2
  %v94 = load ptr, ptr %v93, !invariant.load !0
  %v95 = getelementptr i64, ptr %params, i64 4
  %v96 = load i64, ptr %v95, !invariant.load !0
  br i1 %v15, label %work, label %done
work:
  store i64 0, ptr %a0
  %v18 = urem i64 %v11, %v8
  %v19 = udiv i64 %v11, %v8
  store i64 %v18, ptr %a17
  store i64 %v19, ptr %a16
  store i64 %v11, ptr %a20
  br label %l0
l0:
  %v145 = load i64, ptr %a20
  %v146 = icmp slt i64 %v145, %v14
  br i1 %v146, label %l0.body, label %l0.end
l0.body:
  %v21 = load i64, ptr %a20
  %v22 = load i64, ptr %a16
  %v23 = load i64, ptr %a17
  %v24 = mul i64 %v23, %v3
  %v25 = add i64 %v24, %v3
  %v26 = icmp slt i64 %v25, %v5
  %v27 = select i1 %v26, i64 %v25, i64 %v5
  %v29 = sub i64 %v27, 63
  %v34 = mul i64 %v22, %v33
  %v35 = getelementptr i16, ptr %v31, i64 %v34
  %v97 = mul i64 %v22, %v96
  %v98 = getelementptr i16, ptr %v94, i64 %v97
  store i64 %v24, ptr %a28
  br label %l1
l1:
  %v110 = load i64, ptr %a28
  %v111 = icmp slt i64 %v110, %v29
  br i1 %v111, label %l1.body, label %l1.end
l1.body:
  %v30 = load i64, ptr %a28
  %v36 = getelementptr i16, ptr %v35, i64 %v30
  %v37 = load <16 x i16>, ptr %v36, align 2
  %v38 = zext <16 x i16> %v37 to <16 x i32>
  %v39 = shl <16 x i32> %v38, splat (i32 16)
  %v40 = bitcast <16 x i32> %v39 to <16 x float>
  %v41 = fcmp ogt <16 x float> %v40, splat (float 0x0000000000000000)
  %v42 = select <16 x i1> %v41, <16 x float> %v40, <16 x float> splat (float 0x0000000000000000)
  %v43 = fcmp uno <16 x float> %v40, %v40
  %v44 = select <16 x i1> %v43, <16 x float> %v40, <16 x float> %v42
  %v47 = getelementptr float, ptr %v46, i64 %v30
  %v48 = load <16 x float>, ptr %v47, align 4
  %v49 = fadd contract <16 x float> %v44, %v48
  %v50 = add i64 %v30, 16
  %v51 = getelementptr i16, ptr %v35, i64 %v50
  %v52 = load <16 x i16>, ptr %v51, align 2
  %v53 = zext <16 x i16> %v52 to <16 x i32>
  %v54 = shl <16 x i32> %v53, splat (i32 16)
  %v55 = bitcast <16 x i32> %v54 to <16 x float>
  %v56 = fcmp ogt <16 x float> %v55, splat (float 0x0000000000000000)
  %v57 = select <16 x i1> %v56, <16 x float> %v55, <16 x float> splat (float 0x0000000000000000)
  %v58 = fcmp uno <16 x float> %v55, %v55
  %v59 = select <16 x i1> %v58, <16 x float> %v55, <16 x float> %v57
  %v60 = add i64 %v30, 16
  %v61 = getelementptr float, ptr %v46, i64 %v60
  %v62 = load <16 x float>, ptr %v61, align 4
  %v63 = fadd contract <16 x float> %v59, %v62
  %v64 = add i64 %v30, 32
  %v65 = getelementptr i16, ptr %v35, i64 %v64
  %v66 = load <16 x i16>, ptr %v65, align 2
  %v67 = zext <16 x i16> %v66 to <16 x i32>
  %v68 = shl <16 x i32> %v67, splat (i32 16)
  %v69 = bitcast <16 x i32> %v68 to <16 x float>
  %v70 = fcmp ogt <16 x float> %v69, splat (float 0x0000000000000000)
  %v71 = select <16 x i1> %v70, <16 x float> %v69, <16 x float> splat (float 0x0000000000000000)
  %v72 = fcmp uno <16 x float> %v69, %v69
  %v73 = select <16 x i1> %v72, <16 x float> %v69, <16 x float> %v71
  %v74 = add i64 %v30, 32
  %v75 = getelementptr float, ptr %v46, i64 %v74
  %v76 = load <16 x float>, ptr %v75, align 4
  %v77 = fadd contract <16 x float> %v73, %v76
  %v78 = add i64 %v30, 48
  %v79 = getelementptr i16, ptr %v35, i64 %v78
  %v80 = load <16 x i16>, ptr %v79, align 2
  %v81 = zext <16 x i16> %v80 to <16 x i32>
  %v82 = shl <16 x i32> %v81, splat (i32 16)
  %v83 = bitcast <16 x i32> %v82 to <16 x float>
  %v84 = fcmp ogt <16 x float> %v83, splat (float 0x0000000000000000)
  %v85 = select <16 x i1> %v84, <16 x float> %v83, <16 x float> splat (float 0x0000000000000000)
  %v86 = fcmp uno <16 x float> %v83, %v83
  %v87 = select <16 x i1> %v86, <16 x float> %v83, <16 x float> %v85
  %v88 = add i64 %v30, 48
  %v89 = getelementptr float, ptr %v46, i64 %v88
  %v90 = load <16 x float>, ptr %v89, align 4
  %v91 = fadd contract <16 x float> %v87, %v90
  %v92 = call <16 x i16> @ipex.bf16.v16f32(<16 x float> %v49)
  %v99 = getelementptr i16, ptr %v98, i64 %v30
  store <16 x i16> %v92, ptr %v99, align 2
  %v100 = call <16 x i16> @ipex.bf16.v16f32(<16 x float> %v63)
  %v101 = add i64 %v30, 16
  %v102 = getelementptr i16, ptr %v98, i64 %v101
  store <16 x i16> %v100, ptr %v102, align 2
  %v103 = call <16 x i16> @ipex.bf16.v16f32(<16 x float> %v77)
  %v104 = add i64 %v30, 32
  %v105 = getelementptr i16, ptr %v98, i64 %v104
  store <16 x i16> %v103, ptr %v105, align 2
  %v106 = call <16 x i16> @ipex.bf16.v16f32(<16 x float> %v91)
  %v107 = add i64 %v30, 48
  %v108 = getelementptr i16, ptr %v98, i64 %v107
  store <16 x i16> %v106, ptr %v108, align 2
  %v109 = add i64 %v30, 64
  store i64 %v109, ptr %a28
  br label %l1
l1.end:
  br label %l2
l2:
  %v133 = load i64, ptr %a28
  %v134 = icmp slt i64 %v133, %v27
  br i1 %v134, label %l2.body, label %l2.end
l2.body:
  %v112 = load i64, ptr %a28
  %v113 = sub i64 %v27, %v112
  %v114 = trunc i64 %v113 to i32
  %v115 = insertelement <16 x i32> poison, i32 %v114, i64 0
  %v116 = shufflevector <16 x i32> %v115, <16 x i32> poison, <16 x i32> zeroinitializer
  %v117 = icmp ult <16 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7, i32 8, i32 9, i32 10, i32 11, i32 12, i32 13, i32 14, i32 15>, %v116
  %v118 = getelementptr i16, ptr %v35, i64 %v112
  %v119 = call <16 x i16> @llvm.masked.load.v16i16.p0(ptr %v118, i32 2, <16 x i1> %v117, <16 x i16> zeroinitializer)
  %v120 = zext <16 x i16> %v119 to <16 x i32>
  %v121 = shl <16 x i32> %v120, splat (i32 16)
  %v122 = bitcast <16 x i32> %v121 to <16 x float>
  %v123 = fcmp ogt <16 x float> %v122, splat (float 0x0000000000000000)
  %v124 = select <16 x i1> %v123, <16 x float> %v122, <16 x float> splat (float 0x0000000000000000)
  %v125 = fcmp uno <16 x float> %v122, %v122
  %v126 = select <16 x i1> %v125, <16 x float> %v122, <16 x float> %v124
  %v127 = getelementptr float, ptr %v46, i64 %v112
  %v128 = call <16 x float> @llvm.masked.load.v16f32.p0(ptr %v127, i32 4, <16 x i1> %v117, <16 x float> zeroinitializer)
  %v129 = fadd contract <16 x float> %v126, %v128
  %v130 = call <16 x i16> @ipex.bf16.v16f32(<16 x float> %v129)
  %v131 = getelementptr i16, ptr %v98, i64 %v112
  call void @llvm.masked.store.v16i16.p0(<16 x i16> %v130, ptr %v131, i32 2, <16 x i1> %v117)
  %v132 = add i64 %v112, 16
  store i64 %v132, ptr %a28
  br label %l2
l2.end:
  %v135 = load i64, ptr %a17
  %v136 = add i64 %v135, 1
  %v137 = icmp eq i64 %v136, %v8
  %v138 = select i1 %v137, i64 0, i64 %v136
  store i64 %v138, ptr %a17
  %v139 = zext i1 %v137 to i64
  %v140 = load i64, ptr %a16
  %v141 = add i64 %v140, %v139
  %v142 = icmp eq i64 %v141, %v1
  %v143 = select i1 %v142, i64 0, i64 %v141
  store i64 %v143, ptr %a16
  %v144 = add i64 %v21, 1
  store i64 %v144, ptr %a20
  br label %l0
l0.end:
  br label %done
done:
  ret void
}

define internal <16 x i16> @ipex.bf16.v16f32(<16 x float> %x) alwaysinline nounwind {
  %denormal = call <16 x i1> @llvm.x86.avx512.fpclass.ps.512(<16 x float> %x, i32 32)
  %lanes = bitcast <16 x i1> %denormal to i16
  %any = icmp ne i16 %lanes, 0
  %rare = call i1 @llvm.expect.i1(i1 %any, i1 false)
  br i1 %rare, label %exact, label %fast
fast:
  %bf16 = fptrunc <16 x float> %x to <16 x bfloat>
  %short = bitcast <16 x bfloat> %bf16 to <16 x i16>
  ret <16 x i16> %short
exact:
  %bits = bitcast <16 x float> %x to <16 x i32>
  %upper = lshr <16 x i32> %bits, splat (i32 16)
  %odd = and <16 x i32> %upper, splat (i32 1)
  %half = add <16 x i32> %bits, splat (i32 32767)
  %sum = add <16 x i32> %half, %odd
  %nan = fcmp uno <16 x float> %x, %x
  %quiet = or <16 x i32> %bits, splat (i32 4194304)
  %kept = select <16 x i1> %nan, <16 x i32> %quiet, <16 x i32> %sum
  %shifted = lshr <16 x i32> %kept, splat (i32 16)
  %result = trunc <16 x i32> %shifted to <16 x i16>
  ret <16 x i16> %result
}

declare <16 x float> @llvm.masked.load.v16f32.p0(ptr, i32, <16 x i1>, <16 x float>)
declare <16 x i16> @llvm.masked.load.v16i16.p0(ptr, i32, <16 x i1>, <16 x i16>)
declare <16 x i1> @llvm.x86.avx512.fpclass.ps.512(<16 x float>, i32 immarg)
declare i1 @llvm.expect.i1(i1, i1)
declare i32 @omp_get_num_threads()
declare i32 @omp_get_thread_num()
declare void @GOMP_parallel(ptr, ptr, i32, i32)
declare void @llvm.masked.store.v16i16.p0(<16 x i16>, ptr, i32, <16 x i1>)

attributes #0 = { nounwind "prefer-vector-width"="512" "min-legal-vector-width"="512" }
!0 = !{}
